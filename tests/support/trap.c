/* A trap for connections that leave this machine: cc -shared -fPIC -o trap.so trap.c -ldl; LD_PRELOAD=trap.so COMMAND
 *
 * While NEXUSKG_TRAP names a file, every connection or datagram to an address that is not this machine's own adds a
 * line to it: process, program, address, port. So does a name that has to be looked up (its port is 53): the C library
 * asks the resolver by ways of its own, which cannot be seen from here. Nothing is held up.
 *
 * A process that is started with an environment of its own is caught, too, unless it has NEXUSKG_TRAP in it, even empty.
 * Not seen: programs that do without the C library, and datagrams that go out by write(). */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define SWITCH "NEXUSKG_TRAP"

static char preload[4096]; /* as it was at the start: the environment may have changed since */

/* Found at the start: between fork and exec nothing may be looked up, as a lock may be held that nobody gives back. */
static __typeof__(&execve) next_execve;
static __typeof__(&execvpe) next_execvpe;

__attribute__((constructor)) static void begin(void) {
    const char *value = getenv("LD_PRELOAD");
    if (value) snprintf(preload, sizeof preload, "LD_PRELOAD=%s", value);
    next_execve = NEXT(execve);
    next_execvpe = NEXT(execvpe);
}

static void note(const char *address, unsigned port) {
    const char *path = getenv(SWITCH);
    if (!path || !*path) return;
    int before = errno;
    char program[32] = "?", line[512];
    int from = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
    if (from >= 0) {
        ssize_t length = read(from, program, sizeof program - 1);
        if (length > 0) program[length - 1] = '\0';
        close(from);
        for (char *at = program; *at; at++)
            if (*at == ' ') *at = '_';
    }
    int size = snprintf(line, sizeof line, "%d %s %.255s %u\n", (int)getpid(), program, address, port);
    int to = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (to < 0 || write(to, line, (size_t)size) != size) abort(); /* rather than let one go unseen */
    close(to);
    errno = before;
}

static int own4(const unsigned char *bytes) { /* 0.0.0.0 leads to this machine, as 127.0.0.1 does */
    return bytes[0] == 127 || !(bytes[0] | bytes[1] | bytes[2] | bytes[3]);
}

static int own6(const struct in6_addr *address) {
    if (IN6_IS_ADDR_V4MAPPED(address)) return own4(address->s6_addr + 12);
    return IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address);
}

static void address_used(const struct sockaddr *to, socklen_t size) {
    char text[INET6_ADDRSTRLEN];
    if (!to || size < sizeof to->sa_family) return;
    if (to->sa_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)to;
        if (!own4((const unsigned char *)&four->sin_addr))
            note(inet_ntop(AF_INET, &four->sin_addr, text, sizeof text), ntohs(four->sin_port));
    } else if (to->sa_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)to;
        if (!own6(&six->sin6_addr))
            note(inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text), ntohs(six->sin6_port));
    }
}

/* A socket for datagrams that is only told its peer has sent nothing: a browser asks so which addresses it could reach. */
static int for_datagrams(int fd) {
    int kind = 0;
    socklen_t size = sizeof kind;
    int before = errno, found = !getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size) && kind == SOCK_DGRAM;
    errno = before;
    return found;
}

static void datagram_sent(int fd, const struct sockaddr *to, socklen_t size) {
    struct sockaddr_storage peer;
    if (to && size) {
        address_used(to, size);
    } else if (for_datagrams(fd)) {
        int before = errno;
        size = sizeof peer;
        if (!getpeername(fd, (struct sockaddr *)&peer, &size)) address_used((struct sockaddr *)&peer, size);
        errno = before;
    }
}

int connect(int fd, const struct sockaddr *to, socklen_t size) {
    if (!for_datagrams(fd)) address_used(to, size);
    return NEXT(connect)(fd, to, size);
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
    datagram_sent(fd, NULL, 0);
    return NEXT(send)(fd, data, length, flags);
}

ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    datagram_sent(fd, to, size);
    return NEXT(sendto)(fd, data, length, flags, to, size);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    datagram_sent(fd, message->msg_name, message->msg_namelen);
    return NEXT(sendmsg)(fd, message, flags);
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
    for (unsigned at = 0; at < count; at++)
        datagram_sent(fd, messages[at].msg_hdr.msg_name, messages[at].msg_hdr.msg_namelen);
    return NEXT(sendmmsg)(fd, messages, count, flags);
}

/* ---- names: those in /etc/hosts and addresses in figures need no resolver ---- */

static int in_hosts(const char *name) {
    char line[1024], *rest, *word;
    int found = 0;
    FILE *hosts = fopen("/etc/hosts", "re");
    while (hosts && !found && fgets(line, sizeof line, hosts)) {
        line[strcspn(line, "#\n")] = '\0';
        for (word = strtok_r(line, " \t", &rest); word && !found; word = strtok_r(NULL, " \t", &rest))
            found = !strcasecmp(word, name);
    }
    if (hosts) fclose(hosts);
    return found;
}

static void name_used(const char *name) {
    struct in6_addr address;
    char plain[256];
    const char *path = getenv(SWITCH);
    if (!path || !*path || !name || !*name) return;
    int before = errno;
    snprintf(plain, sizeof plain, "%s", name);
    plain[strcspn(plain, "%")] = '\0'; /* fe80::1%eth0 */
    size_t length = strlen(plain);
    int ours = inet_aton(plain, (struct in_addr *)&address) || inet_pton(AF_INET6, plain, &address) == 1 ||
               !strcasecmp(plain, "localhost") || (length > 10 && !strcasecmp(plain + length - 10, ".localhost")) ||
               in_hosts(plain);
    errno = before;
    if (!ours) note(name, 53);
}

static void number_used(const void *address, int family) {
    char text[INET6_ADDRSTRLEN];
    if (family == AF_INET ? own4(address) : family == AF_INET6 ? own6(address) : 1) return;
    note(inet_ntop(family, address, text, sizeof text), 53);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    if (!hints || !(hints->ai_flags & AI_NUMERICHOST)) name_used(name);
    return NEXT(getaddrinfo)(name, service, hints, found);
}

int getnameinfo(const struct sockaddr *of, socklen_t size, char *host, socklen_t room, char *service, socklen_t more,
                int flags) {
    if (host && room && !(flags & NI_NUMERICHOST)) {
        if (of->sa_family == AF_INET) number_used(&((const struct sockaddr_in *)of)->sin_addr, AF_INET);
        if (of->sa_family == AF_INET6) number_used(&((const struct sockaddr_in6 *)of)->sin6_addr, AF_INET6);
    }
    return NEXT(getnameinfo)(of, size, host, room, service, more, flags);
}

struct hostent *gethostbyname(const char *name) {
    name_used(name);
    return NEXT(gethostbyname)(name);
}

struct hostent *gethostbyname2(const char *name, int family) {
    name_used(name);
    return NEXT(gethostbyname2)(name, family);
}

int gethostbyname_r(const char *name, struct hostent *entry, char *buffer, size_t room, struct hostent **found,
                    int *error) {
    name_used(name);
    return NEXT(gethostbyname_r)(name, entry, buffer, room, found, error);
}

int gethostbyname2_r(const char *name, int family, struct hostent *entry, char *buffer, size_t room,
                     struct hostent **found, int *error) {
    name_used(name);
    return NEXT(gethostbyname2_r)(name, family, entry, buffer, room, found, error);
}

struct hostent *gethostbyaddr(const void *address, socklen_t size, int family) {
    number_used(address, family);
    return NEXT(gethostbyaddr)(address, size, family);
}

int gethostbyaddr_r(const void *address, socklen_t size, int family, struct hostent *entry, char *buffer, size_t room,
                    struct hostent **found, int *error) {
    number_used(address, family);
    return NEXT(gethostbyaddr_r)(address, size, family, entry, buffer, room, found, error);
}

/* ---- children: an environment made for them has neither us nor the switch ---- */

static size_t count(char *const environment[]) {
    size_t found = 0;
    while (environment && environment[found]) found++;
    return found;
}

/* What goes into `into`, which has room for two more, and `mark`, which is the switch with its value. No memory is
 * allotted: this may run between fork and exec. */
static char *const *along(char *const environment[], char **into, char *mark, size_t room) {
    const char *path = getenv(SWITCH);
    size_t size = 0;
    if (!path || !*path || !*preload) return environment;
    for (size_t at = 0; environment && environment[at]; at++) {
        if (!strncmp(environment[at], SWITCH "=", sizeof SWITCH)) return environment;
        if (strncmp(environment[at], "LD_PRELOAD=", 11)) into[size++] = environment[at];
    }
    if (strlen(path) + sizeof SWITCH + 1 > room) abort();
    into[size++] = preload;
    into[size++] = strcat(strcpy(mark, SWITCH "="), path);
    into[size] = NULL;
    return into;
}

#define ALONG(environment)                          \
    char *into[count(environment) + 3], mark[4096]; \
    environment = along(environment, into, mark, sizeof mark)

int execve(const char *path, char *const words[], char *const environment[]) {
    ALONG(environment);
    return next_execve(path, words, environment);
}

int execvpe(const char *file, char *const words[], char *const environment[]) {
    ALONG(environment);
    return next_execvpe(file, words, environment);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const words[], char *const environment[]) {
    ALONG(environment);
    return NEXT(posix_spawn)(pid, path, actions, attributes, words, environment);
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const words[], char *const environment[]) {
    ALONG(environment);
    return NEXT(posix_spawnp)(pid, file, actions, attributes, words, environment);
}
