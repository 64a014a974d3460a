"""What is worth saying where posts are scarce: the policy, the planner that follows it area by area, and the spending of an account's budget. Pure."""
