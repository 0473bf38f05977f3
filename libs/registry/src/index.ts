export {
  championPointerSchema,
  readChampionPointer,
  writeChampionPointer,
  type ChampionPointer,
} from './champion-pointer';
