-- depends_on: {{ ref('tried_patch_shapes') }}
{{ twin_of('shape_parts', 'tried') }}
