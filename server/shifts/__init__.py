"""Who works when: teams, their shifts, who stands in for whom, and the work calendar of each site."""
