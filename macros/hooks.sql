{#- How a build calls Python: `adapter.store_relation` is dbt-duckdb's way to call a plugin. -#}

{% macro call_engine(action, relation=none, columns=[], arguments={}) %}
    {%- if execute -%}
        {%- do adapter.store_relation(
            'engine', relation, columns, '', '', dict(arguments, action=action)
        ) -%}
    {%- endif -%}
{% endmacro %}

{#- on-run-start, for the commands that build: load what the job reads. A run whose nodes are selected by hand may need
    any of it. -#}
{% macro begin_run() %}
    {%- if flags.WHICH in ['build', 'run'] -%}
        {%- do call_engine('begin', arguments={
            'job': current_job(),
            'members': title_members(),
            'columns': var('title_row_columns'),
            'csv_encoding': var('csv_encoding'),
            'max_line_bytes': var('max_line_bytes'),
            'invocation_id': invocation_id,
            'is_empty': true if flags.EMPTY else false,
            'request': var('request'),
        }) -%}
    {%- endif -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}{{ make_functions() }}{%- endif -%}
{% endmacro %}

{#- The post-hook of a published model: once committed, its rows go to `<model>.jsonl` in the staging directory, in a
    total order. A lane's file contains the titles of that lane. -#}
{% macro stage_as_jsonl(order_by, part_key='') %}
    {{- return({
        'sql': '{{ export_jsonl(' ~ tojson(order_by) ~ ', ' ~ tojson(part_key) ~ ') }}', 'transaction': false,
    }) -}}
{% endmacro %}

{% macro export_jsonl(order_by, part_key) %}
    {%- set lane = lane_of(this.identifier) -%}
    {%- if execute and lane and compiled_code | trim != titles_of_lane() | trim -%}
        {%- do exceptions.raise_compiler_error(
            'The model of the lane ' ~ lane.name ~ ' is not the SQL of titles_of_lane(), which its file is made from.'
        ) -%}
    {%- endif -%}
    {%- set part = {'relation': 'semantic_patch_replay_v1', 'value': lane.name} if lane else none -%}
    {%- do call_engine('export', this, arguments=dict(described(), order_by=order_by, part_key=part_key, part=part)) -%}
{% endmacro %}

{#- The post-hook of a published model that is only a table of the published database, because the files and lines in it
    differ from run to run. -#}
{% macro keep_in_database() %}
    {{- return({'sql': '{{ keep_rows() }}', 'transaction': false}) -}}
{% endmacro %}

{% macro keep_rows() %}
    {%- do call_engine('keep', this, arguments=described()) -%}
{% endmacro %}

{#- The descriptions of the model and its columns. -#}
{% macro described() %}
    {%- set columns = {} -%}
    {%- for name, column in model.columns.items() -%}
        {%- do columns.update({name: column.description | trim}) -%}
    {%- endfor -%}
    {{- return({'description': model.description | trim, 'columns': columns}) -}}
{% endmacro %}

{#- The same rows as CSV, for a person's spreadsheet; lists are JSON text. -#}
{% macro stage_as_csv(order_by) %}
    {{- return({'sql': '{{ export_csv(' ~ tojson(order_by) ~ ') }}', 'transaction': false}) -}}
{% endmacro %}

{% macro export_csv(order_by) %}
    {%- do call_engine('export_csv', this, arguments={'order_by': order_by}) -%}
{% endmacro %}

{#- The post-hook of a model whose rows a page asks about: the page beside a sheet, under the sheet's name. -#}
{% macro stage_as_page(sheet) %}
    {{- return({'sql': '{{ export_page(' ~ tojson(sheet) ~ ') }}', 'transaction': false}) -}}
{% endmacro %}

{% macro export_page(sheet) %}
    {%- do call_engine('export_page', this, arguments={'sheet': sheet}) -%}
{% endmacro %}

{#- post-hook of a published model: validate the staged file against its JSON Schema. -#}
{% macro validate_staged(schema) %}
    {%- do call_engine('validate', this, arguments={'schema': schema}) -%}
{% endmacro %}

{#- post-hook of `input_files_after_replay`: measure the input files again. -#}
{% macro measure_inputs() %}
    {%- do call_engine('measure_inputs', this) -%}
{% endmacro %}

{#- on-run-end: publish if every node of the job ran and passed, otherwise say why not. A job that was requested as a
    whole and was not published ends in an error; it is raised as an SQL error, which dbt reports without a traceback.
    -#}
{% macro end_run(results) %}
    {%- if execute and flags.WHICH in ['build', 'run', 'test'] -%}
        {%- set found = [] -%}
        {#- An exposure names the readers of what is published; there is nothing to run. -#}
        {%- for result in results if result.node.resource_type != 'exposure' -%}
            {%- do found.append({
                'unique_id': result.node.unique_id,
                'name': result.node.name,
                'resource_type': result.node.resource_type | string,
                'status': result.status | string,
                'message': result.message,
                'part': result.node.fqn[1] if result.node.resource_type == 'model'
                    else result.node.resource_type | string,
                'execution_time': result.execution_time,
                'failures_table': result.node.relation_name if result.failures else none,
                'kept_in': result.node.schema ~ '.' ~ result.node.alias if result.node.relation_name else none,
            }) -%}
        {%- endfor -%}
        {%- do call_engine('end', arguments={
            'command': flags.WHICH,
            'job': current_job(),
            'results': found,
            'keep_generations': var('keep_generations'),
            'keep_receipts': var('keep_receipts'),
            'lanes': runtime_lanes(),
        }) -%}
        {{ why_not_done() }}
    {%- endif -%}
{% endmacro %}
