"""Charts as inline SVG, drawn here so that the report needs no script, no font and no network."""
