// Places a message names, as IANA time zones: "Tokyo", "New York", "Europe/Berlin", "UTC". The list is the runtime's own.

let zones: ReadonlyMap<string, string> | undefined;

/** The zone named in a message, with its place there; the longest name wins. */
export function timezoneIn(message: string): { zone: string; start: number; end: number } | undefined {
  zones ??= table();
  const words = [...message.matchAll(/[\p{L}/_+-]+\d*/gu)];
  for (let length = 3; length >= 1; length--) {
    for (let at = 0; at + length <= words.length; at++) {
      const first = words[at];
      const last = words[at + length - 1];
      if (first === undefined || last === undefined) continue;
      const end = last.index + last[0].length;
      const zone = zones.get(message.slice(first.index, end).toLowerCase().replaceAll(/\s+/g, " "));
      if (zone !== undefined) return { zone, start: first.index, end };
    }
  }
  return undefined;
}

function table(): Map<string, string> {
  const names = new Map([
    ["utc", "UTC"],
    ["gmt", "UTC"],
  ]);
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    names.set(zone.toLowerCase(), zone);
    const city = zone
      .slice(zone.lastIndexOf("/") + 1)
      .replaceAll("_", " ")
      .toLowerCase();
    // Three letters are rather a word, or another zone's abbreviation, than a city.
    if (city.length > 3 && !names.has(city)) names.set(city, zone);
  }
  return names;
}
