/* Vectors of the widest registers that the build may use, through the compiler's vector extension. */
#ifndef VECTORS_H
#define VECTORS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX2__)
#define LANES 8
#else
#define LANES 4
#endif

/* Rows of matrices are padded to whole groups of this many floats, whatever the build. */
#define PADDING 16

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(LANES * 4)));
typedef int32_t ivec __attribute__((vector_size(LANES * 4)));
typedef uint32_t uvec __attribute__((vector_size(LANES * 4)));
typedef float loose_vec __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

INLINE vec load(const float *from) { return *(const vec *)from; }
INLINE void store(float *to, vec values) { *(vec *)to = values; }
INLINE vec load_loose(const float *from) { return *(const loose_vec *)from; }
INLINE void store_loose(float *to, vec values) { *(loose_vec *)to = values; }

INLINE vec fill(float value) { return value - (vec){0}; }
INLINE uvec bits_of(vec values) { return (uvec)values; }
INLINE vec floats_of(uvec bits) { return (vec)bits; }
/* `values` where the mask is set, else 0. */
INLINE vec keep(ivec mask, vec values) { return (vec)((ivec)values & mask); }
INLINE vec choose(ivec mask, vec yes, vec no) { return (vec)(((ivec)yes & mask) | ((ivec)no & ~mask)); }

INLINE float sum_of(vec values) {
  float sum = 0;
  UNROLL for (int lane = 0; lane < LANES; lane++) sum += values[lane];
  return sum;
}

/*
 * e^x to a relative error of 1e-6; x is clamped to [-87, 87], NaN stays NaN. The polynomial is that of Cephes' expf;
 * its reduction in two parts would be merged again by -fassociative-math.
 */
INLINE vec exp_of(vec x) {
  const vec most = fill(87.0f);
  x = choose(x > most, most, x);
  x = choose(x < -most, -most, x);
  vec scaled = x * 1.44269504088896341f;
  scaled += choose(scaled < 0, fill(-0.5f), fill(0.5f));
  /* A NaN has no integer part; the polynomial propagates it. */
  const ivec whole = __builtin_convertvector(keep(scaled == scaled, scaled), ivec);
  const vec n = __builtin_convertvector(whole, vec);
  const vec r = x - n * 0.693147180559945309f;
  vec p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  return p * floats_of((uvec)(whole + 127) << 23);
}

/* ln(1 + u) for u in [0, 1], relative error below 1e-7: 2 artanh(u / (2 + u)) by its series. */
INLINE vec log1p_of(vec u) {
  const vec s = u / (u + 2.0f);
  const vec t = s * s;
  vec p = t * (1.0f / 15) + (1.0f / 13);
  p = p * t + (1.0f / 11);
  p = p * t + (1.0f / 9);
  p = p * t + (1.0f / 7);
  p = p * t + (1.0f / 5);
  p = p * t + (1.0f / 3);
  return 2.0f * s * (p * t + 1.0f);
}

/* Square roots; `values` >= 0 or NaN. Compilers generate one instruction. */
INLINE vec sqrt_of(vec values) {
  vec roots;
  UNROLL for (int lane = 0; lane < LANES; lane++) roots[lane] = __builtin_sqrtf(values[lane]);
  return roots;
}

#endif
