import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type start from '@rdkit/rdkit';
import type { MainModule, Mol } from '@rdkit/rdkit';
import type { Thumbnail } from '../../src-shared/contract/views';
import { DeltascopeError } from '../../src-shared/errors';
import type { Graph } from '../engine/graphs';
import { openPicture } from './picture-readers';

/** Atoms that have a place of their own, by atomic number: C N O F P S Cl Br I; the rest share one. */
const elements = [6, 7, 8, 9, 15, 16, 17, 35, 53];
/** Element (10), formal charge, attached hydrogens, aromatic, in a ring. */
export const atomFeatures = elements.length + 5;
/** Single, double, triple, aromatic or other bond, in a ring. */
export const bondFeatures = 6;
/** RDKit recurses over branches and rings; nothing that is a molecule is written longer. */
const longestSmiles = 2000;
const side = 128;

let loaded: Promise<MainModule> | null = null;

/**
 * RDKit, started once.
 *
 * @throws `engine-missing` where it can't be started
 */
export function startMolecules(): Promise<MainModule> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<MainModule> {
  try {
    const require = createRequire(import.meta.url);
    const program = require.resolve('@rdkit/rdkit');
    const startModule = require(program) as typeof start;
    const wasmBinary = await readFile(join(dirname(program), 'RDKit_minimal.wasm'));
    // It tells of unreadable SMILES on the console; they are told of here.
    const quiet = { print: () => undefined, printErr: () => undefined };
    return await startModule({ wasmBinary, ...quiet });
  } catch (error) {
    const message =
      'RDKit, which reads molecules, does not start; run `npm ci` in the folder of Deltascope.';
    throw new DeltascopeError('engine-missing', 'data', message, { cause: error });
  }
}

/** What is read of RDKit's JSON; fields that are the default are left out there. */
interface MoleculeJson {
  readonly molecules: readonly {
    readonly atoms: readonly { z?: number; chg?: number; impHs?: number }[];
    readonly bonds: readonly { bo?: number; atoms: readonly [number, number] }[];
    readonly extensions?: readonly {
      readonly aromaticAtoms?: readonly number[];
      readonly aromaticBonds?: readonly number[];
      readonly atomRings?: readonly (readonly number[])[];
    }[];
  }[];
}

/** Carbon, where an atom names no element; a single bond, where a bond names no order. */
const usual = { z: 6, chg: 0, impHs: 0, bo: 1 };

/**
 * A molecule as a graph: atoms are nodes, every bond two edges, one in each direction; hydrogens are
 * counted with their atom. See docs/decisions.md for the features.
 *
 * @returns null where RDKit can't read it, or where it has no atom
 */
export function moleculeGraph(rdkit: MainModule, smiles: string): Graph | null {
  const json = withMolecule(rdkit, smiles, (molecule) => molecule.get_json());
  const [molecule] = json === null ? [] : (JSON.parse(json) as MoleculeJson).molecules;
  if (!molecule || molecule.atoms.length === 0) return null;
  const { atoms, bonds } = molecule;
  const { aromaticAtoms = [], aromaticBonds = [], atomRings = [] } = molecule.extensions?.[0] ?? {};
  const inRing = new Set(atomRings.flat());
  const ringBonds = new Set(atomRings.flatMap(pairsAround));
  const nodeFeatures = new Float32Array(atoms.length * atomFeatures);
  for (const [atom, { z = usual.z, chg = usual.chg, impHs = usual.impHs }] of atoms.entries()) {
    const place = elements.indexOf(z);
    const at = atom * atomFeatures;
    nodeFeatures[at + (place < 0 ? elements.length : place)] = 1;
    const others = [chg, impHs, Number(aromaticAtoms.includes(atom)), Number(inRing.has(atom))];
    nodeFeatures.set(others, at + elements.length + 1);
  }
  const source = new Int32Array(2 * bonds.length);
  const target = new Int32Array(2 * bonds.length);
  const edgeFeatures = new Float32Array(2 * bonds.length * bondFeatures);
  for (const [bond, { bo = usual.bo, atoms: ends }] of bonds.entries()) {
    const kind = aromaticBonds.includes(bond) ? 3 : bo >= 1 && bo <= 3 ? bo - 1 : 4;
    for (const [way, [u, v]] of [ends, [ends[1], ends[0]] as const].entries()) {
      const edge = 2 * bond + way;
      source[edge] = u;
      target[edge] = v;
      edgeFeatures[edge * bondFeatures + kind] = 1;
      edgeFeatures[edge * bondFeatures + 5] = Number(ringBonds.has(pairOf(u, v)));
    }
  }
  return { nodes: atoms.length, source, target, nodeFeatures, edgeFeatures };
}

/** A molecule as RDKit draws it; null where it can't be read. */
export async function moleculePicture(smiles: string): Promise<Thumbnail | null> {
  const rdkit = await startMolecules();
  const details = JSON.stringify({ width: side, height: side });
  const svg = withMolecule(rdkit, smiles, (molecule) => molecule.get_svg_with_highlights(details));
  if (svg === null) return null;
  const drawn = await openPicture(Buffer.from(svg, 'latin1'), { limitInputPixels: side * side })
    .flatten({ background: 'white' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  return { width: side, height: side, channels: 3, pixels: new Uint8Array(drawn) };
}

/** Does `work` with a molecule, which lives in RDKit's memory until then. */
function withMolecule<T>(rdkit: MainModule, smiles: string, work: (molecule: Mol) => T): T | null {
  if (smiles.length > longestSmiles) return null;
  let molecule: Mol | null = null;
  try {
    molecule = rdkit.get_mol(smiles);
    return molecule ? work(molecule) : null;
  } catch {
    // A C++ exception: this is no molecule that RDKit knows.
    return null;
  } finally {
    molecule?.delete();
  }
}

function pairsAround(ring: readonly number[]): string[] {
  return ring.map((atom, i) => pairOf(atom, ring[(i + 1) % ring.length] as number));
}

function pairOf(u: number, v: number): string {
  return u < v ? `${u} ${v}` : `${v} ${u}`;
}
