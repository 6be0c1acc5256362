-- Every patch of an accepted file applies to the titles as the log leaves them. One that does not would
-- lower its title's lane from the next replay on.
select * from {{ ref('accepted_patches') }}
where problem is not null
