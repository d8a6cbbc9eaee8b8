"""The question of satisfaction: who is asked, what they answer, what is shown of it (M13)."""
