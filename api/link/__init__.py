"""The customer's door: what is behind the link in the email."""
