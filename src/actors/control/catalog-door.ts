// What Control needs of the catalog, which lives on a floor above: it is handed one of these.

export interface CatalogDoor {
  /** Runs one of the catalog's methods; its parameters are checked there. */
  ask(method: string, params: object): Promise<unknown>;
}
