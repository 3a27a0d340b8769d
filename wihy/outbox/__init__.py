"""What must leave the house: written with the change it tells of, sent until it has arrived."""
