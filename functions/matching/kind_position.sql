select list_position(['preferred', 'alternate', 'reported'], kind)
