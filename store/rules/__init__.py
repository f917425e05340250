"""Pure rules: who may what, formats, terms and states; imports the standard library only."""
