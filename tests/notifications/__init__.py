"""What customers are told: words, inbox, mail, the page and the bell."""
