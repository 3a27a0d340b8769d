"""What customers are told: an inbox in their language, and mails of what is in it."""
