/* Random bits for dropout: sixteen parallel xorshift32 streams (Marsaglia 2003), the same on every build. */
#ifndef RANDOM_MASKS_H
#define RANDOM_MASKS_H

#include "vectors.h"

#define STREAMS 16
#define VECTORS_OF_STREAMS (STREAMS / LANES)

typedef struct {
  uvec lanes[VECTORS_OF_STREAMS];
} random_streams;

/* splitmix32: neighbouring seeds give unrelated streams; a stream is never 0. */
static void seed_streams(uint32_t seed, uint32_t streams[STREAMS]) {
  for (int stream = 0; stream < STREAMS; stream++) {
    seed += 0x9e3779b9u;
    uint32_t z = seed;
    z = (z ^ (z >> 16)) * 0x85ebca6bu;
    z = (z ^ (z >> 13)) * 0xc2b2ae35u;
    z ^= z >> 16;
    streams[stream] = z ? z : 1;
  }
}

INLINE random_streams load_streams(const uint32_t streams[STREAMS]) {
  random_streams loaded;
  UNROLL for (int i = 0; i < VECTORS_OF_STREAMS; i++)
    loaded.lanes[i] = bits_of(load_loose((const float *)(streams + i * LANES)));
  return loaded;
}

INLINE void save_streams(uint32_t streams[STREAMS], const random_streams *loaded) {
  UNROLL for (int i = 0; i < VECTORS_OF_STREAMS; i++)
    store_loose((float *)(streams + i * LANES), floats_of(loaded->lanes[i]));
}

/* The next random 24-bit numbers of the streams in `vector`. */
INLINE ivec next_24_bits(random_streams *streams, int vector) {
  uvec x = streams->lanes[vector];
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  streams->lanes[vector] = x;
  return (ivec)(x >> 8);
}

#endif
