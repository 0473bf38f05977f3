export {
  championPointerSchema,
  tombstoneSchema,
  pointerTo,
  readChampionPointer,
  writeChampionPointer,
  type ChampionPointer,
  type Tombstone,
} from './champion-pointer';
export { ChampionRepair, type RepairedPointers } from './champion-repair';
export { loadProfile, type LoadedProfile } from './load-profile';
export { loadCard, loadUnlessBroken, loadVersion, type LoadedVersion } from './load-version';
export { putInForce, type Putting, type Release } from './put-in-force';
export { modelHeld, modelRetired, refuseState } from './refuse-state';
export { bringBack, retire, type BroughtBack, type Retired, type StateChangeRequest } from './retire';
export { uploadVersion, withdrawVersion, type PackedVersion, type UploadedVersion } from './release-version';
export { rollback, type RollbackRequest, type RollbackResult, type RollbackStore } from './rollback';
export { versionInForce, type VersionInForce } from './version-in-force';
