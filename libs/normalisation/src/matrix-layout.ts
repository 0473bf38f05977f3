import { prepare } from './prepared-transform';
import { type Transform, outputNames } from './transform';

/** The code of a row in which all outputs of a group are 0. */
export const NO_COLUMN = 0xffff;

/**
 * A category with at least this many outputs is stored as codes: two bytes per row instead of four per output.
 * With fewer the gain is small, and a matrix product over a few dense columns is faster than looking up codes.
 */
export const CODES_FROM_OUTPUTS = 4;

/** Which outputs of a transform are in a dense matrix, and which are stored as one code per category. */
export interface MatrixLayout {
  /** All outputs. */
  readonly width: number;
  /** [dense]; the output of each column of the dense matrix, ascending. */
  readonly denseColumns: Uint32Array;
  /** [coded]; the output of each code. The codes of a group are consecutive. */
  readonly codedColumns: Uint32Array;
  /** The category of each group; at most one of its outputs is 1 in a row. */
  readonly groups: readonly CodedGroup[];
}

export interface CodedGroup {
  readonly column: string;
  /** Code of the group's first output; the others follow in order. */
  readonly firstCode: number;
}

/** All outputs as columns of the dense matrix. */
export function denseLayout(transform: Transform): MatrixLayout {
  return layoutOf(transform, Infinity);
}

/** Categories of `CODES_FROM_OUTPUTS` outputs or more as codes, the rest dense. */
export function codedLayout(transform: Transform): MatrixLayout {
  return layoutOf(transform, CODES_FROM_OUTPUTS);
}

function layoutOf(transform: Transform, codesFrom: number): MatrixLayout {
  const dense: number[] = [];
  const coded: number[] = [];
  const groups: CodedGroup[] = [];
  for (const feature of prepare(transform)) {
    const outputs = outputNames(feature).map((_, index) => feature.at + index);
    const hasRoom = coded.length + outputs.length <= NO_COLUMN;
    if (feature.kind === 'category' && outputs.length >= codesFrom && hasRoom) {
      groups.push({ column: feature.column, firstCode: coded.length });
      coded.push(...outputs);
    } else {
      dense.push(...outputs);
    }
  }
  return {
    width: transform.outputs.length,
    denseColumns: Uint32Array.from(dense),
    codedColumns: Uint32Array.from(coded),
    groups,
  };
}
