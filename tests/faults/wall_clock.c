/* Preloaded into a worker, this moves its wall clock by what a shared file says; the monotonic clock stays.
 *
 * Waits of C11 threads, which librdkafka uses, are until a moment of the wall clock. As on a machine whose clock was
 * set, they end when that clock gets there: a jump back makes them longer, a jump ahead ends them. They are cut in
 * slices, and each slice ends as a spurious wakeup, which every waiter has to expect: going on by ourselves would lose
 * a signal that came between two slices. Waits by pthread_cond_timedwait are left alone, because it cannot be seen
 * here which clock they mean; Python's are until moments of the monotonic one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000LL
#define SLICE_NS 50000000LL

typedef int (*wait_call)(cnd_t *, mtx_t *, const struct timespec *);

static _Atomic int64_t unmoved;
static _Atomic int64_t *shift_ns = &unmoved;
static int (*real_clock)(clockid_t, struct timespec *);
static wait_call real_wait;

__attribute__((constructor)) static void begin(void) {
    real_wait = (wait_call)dlsym(RTLD_NEXT, "cnd_timedwait");
    real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("WALL_CLOCK_SHIFT");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *page = mmap(NULL, sizeof *shift_ns, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (page != MAP_FAILED)
        shift_ns = page;
}

static int really(clockid_t clock, struct timespec *at) {
    return real_clock ? real_clock(clock, at) : (int)syscall(SYS_clock_gettime, clock, at);
}

static int64_t in_ns(const struct timespec *at) { return at->tv_sec * SECOND_NS + at->tv_nsec; }

static struct timespec from_ns(int64_t ns) {
    struct timespec at = {ns / SECOND_NS, ns % SECOND_NS};
    return at;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    int failed = really(clock, at);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        *at = from_ns(in_ns(at) + *shift_ns);
    return failed;
}

int timespec_get(struct timespec *at, int base) {
    return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, at) ? base : 0;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now))
        return -1;
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now))
        return -1;
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until) {
    struct timespec now;
    if (really(CLOCK_REALTIME, &now))
        return thrd_error;
    int64_t left = in_ns(until) - (in_ns(&now) + *shift_ns);
    struct timespec slice = from_ns(in_ns(&now) + (left < SLICE_NS ? left : SLICE_NS));
    int how = real_wait(condition, mutex, &slice);
    return how == thrd_timedout && left > SLICE_NS ? thrd_success : how;
}
