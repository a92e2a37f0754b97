"""What happens to characters on their way, and how it is mended: the one home of ftfy."""
