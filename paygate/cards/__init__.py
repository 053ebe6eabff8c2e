"""Card numbers, checked and masked, and the few minutes a card is held."""
