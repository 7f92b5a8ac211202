"""The simulator's own tests: a fake that is wrong makes every test that rests on it worthless."""
