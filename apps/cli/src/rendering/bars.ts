import { markup, type Markup } from './html';

export interface Bar {
  /** Shown where the pointer rests. */
  readonly title: string;
  /** At least 0. */
  readonly size: number;
  /** Drawn paler: what is missing, or all other levels. */
  readonly isPale?: boolean;
}

const HEIGHT = 48;
const GAP = 2;

/** A picture of bars side by side, the largest as high as the picture. */
export function bars(list: readonly Bar[], label: string, width = 240): Markup {
  const most = Math.max(...list.map(({ size }) => size), Number.MIN_VALUE);
  const step = width / Math.max(1, list.length);
  const round = (value: number): number => Number(value.toFixed(2));
  const drawn = list.map(({ title, size, isPale }, at) => {
    const height = (HEIGHT * size) / most;
    const place = markup`x="${round(at * step)}" y="${round(HEIGHT - height)}"`;
    const wide = Math.max(0.5, step - Math.min(GAP, step / 3));
    const extent = markup`width="${round(wide)}" height="${round(height)}"`;
    return markup`<rect class="${isPale ? 'pale' : 'bar'}" ${place} ${extent}><title>${title}</title></rect>`;
  });
  return markup`<svg
    viewBox="0 0 ${width} ${HEIGHT}"
    width="${width}"
    height="${HEIGHT}"
    role="img"
    aria-label="${label}"
  >
    ${drawn}
  </svg>`;
}
