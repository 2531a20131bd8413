"""A simulator of the Twilio Messages API: it sends to nobody and shows what it was given."""
