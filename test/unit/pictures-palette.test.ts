/** Colours of pictures: text on them can be read, and whoever sees fewer colours tells neighbours apart. */
import { describe, expect, it } from "vitest";
import { DARK, LIGHT } from "../../generator/dist/pictures/palette.js";

type Triple = readonly [number, number, number];

/** Linear red, green and blue. */
function linear(colour: string): Triple {
  const part = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [r, g, b] = linear(colour);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

/** Machado, Oliveira, Fernandes 2009: what is seen without one kind of cones. */
const EYES: Readonly<Record<string, readonly [Triple, Triple, Triple]>> = {
  "all cones": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "no red ones": [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  "no green ones": [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  "no blue ones": [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** CIELAB, in which a distance of 2.3 is just seen side by side. */
function seen(colour: string, eyes: readonly Triple[]): Triple {
  const from = linear(colour);
  const [r = 0, g = 0, b = 0] = eyes.map((row) =>
    Math.min(1, Math.max(0, row[0] * from[0] + row[1] * from[1] + row[2] * from[2])),
  );
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
] as const)("the %s palette", (_, scheme) => {
  it("has a contrast of 4.5 or more between all text and what is under it", () => {
    const { page, mark, fields, fieldInk, ink, dim, warn, good, link } = scheme;
    const pairs = [
      ...[ink, dim, warn, good, link].flatMap((colour) => [[colour, page] as const, [colour, mark] as const]),
      ...fields.map((field) => [fieldInk, field] as const),
    ];
    expect(pairs.filter(([one, other]) => contrast(one, other) < 4.5)).toEqual([]);
  });

  it.each(Object.entries(EYES))("tells all fields apart, with %s", (_eyes, matrix) => {
    const points = scheme.fields.map((colour) => seen(colour, matrix));
    const close: string[] = [];
    for (const [at, one] of points.entries()) {
      for (const [other, two] of points.slice(0, at).entries()) {
        const distance = Math.hypot(one[0] - two[0], one[1] - two[1], one[2] - two[2]);
        if (distance < 20) close.push(`${scheme.fields[at]} ${scheme.fields[other]} ${distance.toFixed(1)}`);
      }
    }
    expect(close).toEqual([]);
  });
});
