"""Pure rules that keep small numbers from giving a person away: suppression, complement, differencing."""
