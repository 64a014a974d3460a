"""Dialogflow's webhooks: CX, now called Conversational Agents, and ES, behind one address and told apart by their shape.

Conversational Actions, Google Assistant's skills, ended on 13 June 2023: Dialogflow answers telephones and chats, and no smart speaker.
"""
