/*
 * The processor's floating-point mode during a call: round to nearest, subnormal numbers count as
 * 0. The caller's mode is restored.
 */
#ifndef FLOAT_MODE_H
#define FLOAT_MODE_H

#include <stdint.h>

#if defined(__x86_64__)
typedef uint32_t float_mode;
#define FLUSH_AND_MASK_ALL 0x9fc0u
static float_mode enter_float_mode(void) {
  const float_mode before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(FLUSH_AND_MASK_ALL);
  return before;
}
static void leave_float_mode(float_mode before) { __builtin_ia32_ldmxcsr(before); }
#elif defined(__aarch64__)
typedef uint64_t float_mode;
#define FLUSH_TO_ZERO (1ull << 24)
static float_mode enter_float_mode(void) {
  float_mode before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(FLUSH_TO_ZERO) : "memory");
  return before;
}
static void leave_float_mode(float_mode before) { __asm__ volatile("msr fpcr, %0" : : "r"(before) : "memory"); }
#else
typedef int float_mode;
static float_mode enter_float_mode(void) { return 0; }
static void leave_float_mode(float_mode before) { (void)before; }
#endif

#endif
