"""What we say to customers by email, and how it is handed to a mail server."""
