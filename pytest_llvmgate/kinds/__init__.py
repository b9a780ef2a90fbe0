"""What a finding can be: one description per kind of finding and one per fact. Everything else reads them from here."""
