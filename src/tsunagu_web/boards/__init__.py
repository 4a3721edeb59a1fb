"""School boards: how the pupils of a class are day by day, for the school that is with them; nobody else's room."""
