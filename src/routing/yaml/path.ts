/** The way to a part of the YAML: keys of mappings and indexes of lists, from the top. */
export type Path = readonly PropertyKey[];
