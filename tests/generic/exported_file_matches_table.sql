{#- The staged file has a line for each of the table's rows. A file that lost or gained rows on its
    way to the disk would go out under a summary that counts the table. -#}
{% test exported_file_matches_table(model) %}
select
    files.relation,
    files.line_count,
    (select count(*) from {{ model }}) as row_count
from (values ('{{ model.identifier }}')) as expected (relation)
left join {{ source('engine', 'exported_files') }} as files using (relation)
where files.line_count is distinct from row_count
{% endtest %}
