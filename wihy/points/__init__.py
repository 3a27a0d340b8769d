"""Points and credit that customers earn: a ledger to which entries are only added."""
