"""A crew under fire: real processes that are killed, frozen, doubled and fired at random while jobs run."""
