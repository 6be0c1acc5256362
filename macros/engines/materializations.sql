{#- How a table or a view is made: in place, by one statement outside any transaction. dbt's own materializations create
    it under another name, rename it, and drop a backup that does not exist: two transactions and a tenth of the time of
    a small job, for a database that no one reads while it is built. The commit is for what a hook began. -#}
{% materialization table, adapter='duckdb' %}
    {{- return(made_in_place('table')) -}}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{- return(made_in_place('view')) -}}
{% endmaterialization %}

{% macro made_in_place(type, code=compiled_code, columns=none) %}
    {%- set former, made = load_cached_relation(this), this.incorporate(type=type) -%}
    {%- do run_hooks(pre_hooks, inside_transaction=false) -%}
    {%- do run_hooks(pre_hooks, inside_transaction=true) -%}
    {%- if former is not none -%}
        {%- do adapter.drop_relation(former) -%}
    {%- endif -%}
    {%- set compressed = type == 'table' and config.get('meta', {}).get('compression') -%}
    {%- call statement('main', auto_begin=false) -%}
        {%- if compressed or columns %}
        create table {{ made }} ({{ columns or compressed_columns(code) }});
        insert into {{ made }} {{ code }}
        {%- else %}
        {{ get_create_sql(made, code) }}
        {%- endif %}
    {%- endcall -%}
    {%- do create_indexes(made) -%}
    {%- do persist_docs(made, model) -%}
    {%- do run_hooks(post_hooks, inside_transaction=true) -%}
    {%- do adapter.commit() -%}
    {%- do run_hooks(post_hooks, inside_transaction=false) -%}
    {{- return({'relations': [made]}) -}}
{% endmacro %}

{#- The columns of a table of many rows, with a fixed compression for texts that differ in each row: choosing one takes
    the database longer than storing the texts. -#}
{% macro compressed_columns(code) -%}
    {%- set is_under_contract = config.get('contract').enforced -%}
    {%- if is_under_contract -%}
        {%- do get_assert_columns_equivalent(code) -%}
    {%- endif -%}
    {%- for name, type in run_query('select column_name, column_type from (describe ' ~ code ~ ')').rows %}
    {{ adapter.quote(name) }} {{ type }}
    {{- ' using compression ' ~ text_compressions()[name] if name in text_compressions() }}
    {{- constraints_of(name) if is_under_contract }}
    {{- "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The column's constraints as the model declares them, for the database to enforce. -#}
{% macro constraints_of(name) -%}
    {%- for constraint in model.columns.get(name, {}).get('constraints', []) -%}
        {{ ' ' ~ (
            'check (' ~ constraint.expression ~ ')' if constraint.type == 'check' else constraint.type | replace('_', ' ')
        ) }}
    {%- endfor -%}
{%- endmacro %}

{#- By column: a hash cannot be compressed. -#}
{% macro text_compressions() %}
    {{- return({
        'title_id': 'zstd', 'patch_id': 'zstd', 'source_title': 'zstd', 'learner_title': 'zstd',
        'attributes': 'zstd', 'source_row_sha256': 'uncompressed',
    }) -}}
{% endmacro %}

{#- A seed is read by the database alone, with its columns in the file's order and of the types in `column_types`, and
    is refused where a row violates a column's constraint. dbt's own materialization has Python look at each value
    first, in a file that the database then reads; and a gate for each constraint would take an eighth of the time of a
    job with few titles. -#}
{% materialization seed, adapter='duckdb' %}
    {%- set path = modules.re.sub('([*?\\[])', '[\\1]', adapter.get_seed_file_path(model)) -%}
    {%- set types = seed_types(path) -%}
    {%- set rows -%}
        select * from read_csv(
            {{ text_literal(path) }}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
            hive_partitioning = false, columns = {{ '{' }}
                {%- for name, type in types.items() -%}
                    {{ text_literal(name) }}: {{ text_literal(type) }}{{ ", " if not loop.last }}
                {%- endfor -%}
            {{ '}' }}
        )
    {%- endset -%}
    {%- set columns -%}
        {%- for name, type in types.items() -%}
            "{{ name | replace('"', '""') }}" {{ type }}{{ constraints_of(name) }}{{ ", " if not loop.last }}
        {%- endfor -%}
    {%- endset -%}
    {#- dbt asks for the table that it would have read. -#}
    {%- do store_result('agate_table', response='OK') -%}
    {{- return(made_in_place('table', rows, columns)) -}}
{% endmaterialization %}

{#- The type of each column of a seed's file, by name; a column that the seed does not declare is text. Errors in the
    rows are reported by the database when it reads them. -#}
{% macro seed_types(path) %}
    {%- set declared, types = config.get('column_types', {}), {} -%}
    {%- set header -%}
        select column_name, column_type from (describe select * from read_csv(
            {{ text_literal(path) }}, auto_detect = true, header = true, delim = ',', quote = '"', escape = '"',
            hive_partitioning = false, all_varchar = true, ignore_errors = true, skip = 0, comment = ''
        ))
    {%- endset -%}
    {%- for name, type in run_query(header).rows -%}
        {%- do types.update({name: declared.get(name, type)}) -%}
    {%- endfor -%}
    {%- for name in declared if name not in types -%}
        {%- do exceptions.raise_compiler_error(
            'column_types of the seed ' ~ model.name ~ ' names ' ~ name ~ ', which its file does not have.'
        ) -%}
    {%- endfor -%}
    {{- return(types) -}}
{% endmacro %}

{#- A gate is one query; rows that fail it are stored only where there are any. dbt's own materialization makes a table
    of the failing rows before it counts them, an empty one for each gate that passes. -#}
{% materialization test, adapter='duckdb' %}
    {%- set limited = get_limit_subquery_sql(sql, config.get('limit')) -%}
    {%- call statement('main', fetch_result=true, auto_begin=false) -%}
        {{ get_test_sql(
            limited, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit=none
        ) }}
    {%- endcall -%}
    {%- set former = load_cached_relation(this) -%}
    {%- if former is not none -%}
        {%- do adapter.drop_relation(former) -%}
    {%- endif -%}
    {%- set kept = [] -%}
    {%- if should_store_failures() and load_result('main').table[0][0] -%}
        {%- do kept.append(this.incorporate(type='table')) -%}
        {%- call statement(auto_begin=false) -%}{{ get_create_sql(kept[0], limited) }}{%- endcall -%}
    {%- endif -%}
    {{- return({'relations': kept}) -}}
{% endmaterialization %}

{#- On Spark a table is written as Parquet, and the driver's database reads it from there; a view is a view in both.
    Nothing has to be dropped, since a run begins with an empty warehouse. A view that has DuckDB evaluate JSON becomes
    a table on Spark, because only the session can ask DuckDB. -#}
{% materialization table, adapter='enginespark' %}
    {{- return(made_in_spark(adapter.in_spark(compiled_code), 'table')) -}}
{% endmaterialization %}

{% materialization view, adapter='enginespark' %}
    {%- set code = adapter.in_spark(compiled_code) -%}
    {{- return(made_in_spark(code, 'table' if adapter.asks_duckdb(code) else 'view')) -}}
{% endmaterialization %}

{% macro made_in_spark(code, type) %}
    {%- set made = this.incorporate(type=type) -%}
    {%- call statement('main') -%}
        create {{ type }} {{ made }} {{ 'using parquet ' if type == 'table' }}as {{ code }}
    {%- endcall -%}
    {%- if type == 'table' -%}
        {%- do adapter.show_table(made, column_types()) -%}
    {%- else -%}
        {%- do adapter.show_view(made, compiled_code) -%}
    {%- endif -%}
    {%- for hook in post_hooks -%}
        {%- do render(hook.sql) -%}
    {%- endfor -%}
    {{- return({'relations': [made]}) -}}
{% endmacro %}

{% macro column_types() %}
    {%- set types = {} -%}
    {%- for name, column in model.columns.items() if column.data_type -%}
        {%- do types.update({name: column.data_type}) -%}
    {%- endfor -%}
    {{- return(types) -}}
{% endmacro %}

{#- A gate about the staged files is evaluated where the files are. -#}
{% materialization test, adapter='enginespark' %}
    {%- set limited = get_limit_subquery_sql(sql, config.get('limit')) -%}
    {%- set is_of_files = config.get('meta', {}).get('asked_of') == 'files' -%}
    {%- if is_of_files -%}
        {%- set asked = 'select 1 from range(' ~ adapter.count_here(limited) ~ ')' -%}
    {%- else -%}
        {%- set asked = adapter.in_spark(limited) -%}
    {%- endif -%}
    {%- call statement('main', fetch_result=true) -%}
        {{ get_test_sql(
            asked, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit=none
        ) }}
    {%- endcall -%}
    {%- set kept = [] -%}
    {%- if should_store_failures() and load_result('main').table[0][0] -%}
        {%- do kept.append(this.incorporate(type='table')) -%}
        {%- if is_of_files -%}
            {%- do adapter.keep_here(this, limited) -%}
        {%- else -%}
            {%- call statement() -%}create table {{ this }} using parquet as {{ asked }}{%- endcall -%}
            {%- do adapter.show_table(this, {}) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return({'relations': kept}) -}}
{% endmaterialization %}

{#- A unit test is written in DuckDB's SQL like its model, including its given and expected rows: the types come from
    the driver's database, which knows every table, and the whole is translated to Spark's SQL. -#}
{% materialization unit, adapter='enginespark' %}
    {%- set rows, expected = config.get('expected_rows'), config.get('expected_sql') -%}
    {%- set types, quoted = {}, {} -%}
    {%- for name, type in adapter.types_of(sql) -%}
        {%- do types.update({name: type}) -%}
        {%- do quoted.update({name: name}) -%}
    {%- endfor -%}
    {%- set names = (rows[0] if rows else types).keys() | join(', ') -%}
    {%- set asked -%}
        select {{ names }}, 'actual' as actual_or_expected from ({{ sql }}) as actual
        union all
        select {{ names }}, 'expected' as actual_or_expected
        from ({{ expected or (get_expected_sql(rows, types, quoted) if rows else sql ~ ' limit 0') }}) as expected
    {%- endset -%}
    {%- call statement('main', fetch_result=true) -%}{{ adapter.in_spark(asked) }}{%- endcall -%}
    {{- return({'relations': []}) -}}
{% endmaterialization %}

{% macro enginespark__safe_cast(field, type) %}cast({{ field }} as {{ type }}){% endmacro %}

{% macro enginespark__escape_single_quotes(expression) %}{{ expression | replace("'", "''") }}{% endmacro %}
