select list_position(['preferred', 'alternate', 'reported', 'common'], kind)
