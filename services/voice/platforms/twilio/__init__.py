"""Twilio: telephone calls and text messages, by its webhooks and TwiML. SignalWire (cXML) and Telnyx (TeXML) speak the same."""
