"""What the mask (ear/mask.py) goes by: words, and rules that find names, numbers and addresses."""
