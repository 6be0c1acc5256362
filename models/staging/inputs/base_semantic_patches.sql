{{ patch_envelopes('semantic_patches') }}
