/* The x86-64 level (psABI) supported by the processor and the operating system. */
#ifndef CPU_LEVEL_H
#define CPU_LEVEL_H

#if defined(__x86_64__)
#include <cpuid.h>

/* Register sets that the operating system saves: 6 = SSE and AVX, e6 = AVX-512 as well. */
static unsigned saved_registers(void) {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  (void)high;
  return low;
}

static int cpu_level(void) {
  unsigned a, b, c, d, b7, c7, d7, c1;
  if (!__get_cpuid(1, &a, &b, &c1, &d)) return 0;
  const unsigned sse3 = 1u << 0, ssse3 = 1u << 9, sse41 = 1u << 19, sse42 = 1u << 20, popcnt = 1u << 23;
  const unsigned level_2 = sse3 | ssse3 | sse41 | sse42 | popcnt;
  if ((c1 & level_2) != level_2) return 1;
  const unsigned fma = 1u << 12, movbe = 1u << 22, osxsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29;
  const unsigned level_3 = fma | movbe | osxsave | avx | f16c;
  if ((c1 & level_3) != level_3 || (saved_registers() & 0x6) != 0x6) return 2;
  if (!__get_cpuid_count(7, 0, &a, &b7, &c7, &d7)) return 2;
  const unsigned bmi1 = 1u << 3, avx2 = 1u << 5, bmi2 = 1u << 8;
  if ((b7 & (bmi1 | avx2 | bmi2)) != (bmi1 | avx2 | bmi2)) return 2;
  const unsigned lzcnt = 1u << 5;
  if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || (c & lzcnt) == 0) return 2;
  const unsigned f = 1u << 16, dq = 1u << 17, cd = 1u << 28, bw = 1u << 30, vl = 1u << 31;
  const unsigned level_4 = f | dq | cd | bw | vl;
  if ((b7 & level_4) != level_4 || (saved_registers() & 0xe6) != 0xe6) return 3;
  return 4;
}
#else
static int cpu_level(void) { return 0; }
#endif

#endif
