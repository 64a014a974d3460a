"""Conversations by multiple choice: each `<name>.yaml` here guides people, one question at a time, to help or to what to do."""
