"""Messenger: a Facebook page's webhook, answered through the Send API.

Source: developers.facebook.com/documentation/business-messaging/messenger-platform
"""
