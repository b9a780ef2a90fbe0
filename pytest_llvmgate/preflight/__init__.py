"""What the candidate lacks of what a downstream uses, before anything is configured."""
