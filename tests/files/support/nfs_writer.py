"""A machine that writes to a share: the shipped program over a real NFS client in user space (libnfs), as another process.

nfs_writer.py <program> <libnfs> <url> <file> <writes> safe|unsafe <signal>
Waits until the local file `signal` is there, and adds one to the number in the file, so many times. Prints how many it has written.
"""
import ctypes, errno, importlib.machinery, importlib.util, os, sys, time, types


class Entry(ctypes.Structure):
    pass


Entry._fields_ = [("next", ctypes.POINTER(Entry)), ("name", ctypes.c_char_p)]


class Url(ctypes.Structure):
    _fields_ = [("server", ctypes.c_char_p), ("path", ctypes.c_char_p), ("file", ctypes.c_char_p)]


class Nfs:
    """What `Local` does, on a server. A mount that is lost is made again and the step repeated, as the kernel's client does
    with `hard`; a step that had been done before its answer was lost is known by what it left."""

    def __init__(self, library, url):
        self.c, self.url, self.mounted = ctypes.CDLL(library), url.encode(), None
        for name in ("nfs_init_context", "nfs_parse_url_dir", "nfs_get_error", "nfs_readdir"):
            getattr(self.c, name).restype = ctypes.c_void_p
        self.c.nfs_get_error.restype = ctypes.c_char_p
        self.c.nfs_readdir.restype = ctypes.POINTER(Entry)
        self.c.nfs_parse_url_dir.restype = ctypes.POINTER(Url)

    def mount(self):
        end = time.time() + 60
        while True:
            context = ctypes.c_void_p(self.c.nfs_init_context())
            parsed = self.c.nfs_parse_url_dir(context, self.url)
            self.c.nfs_set_autoreconnect(context, 0)
            self.c.nfs_set_timeout(context, 5000)
            if self.c.nfs_mount(context, parsed.contents.server, parsed.contents.path) == 0:
                self.mounted = context
                return
            if time.time() > end:
                raise OSError(errno.EIO, self.c.nfs_get_error(context).decode())
            time.sleep(0.1)

    GONE = {errno.EIO, errno.ESTALE, errno.ECONNRESET, errno.EPIPE, errno.ETIMEDOUT, errno.ENOTCONN, errno.EINVAL,
            errno.EBADF, errno.EFAULT, errno.ERANGE, errno.EAGAIN, errno.ECONNREFUSED, errno.EINTR, errno.ENOSPC}

    def step(self, work, done=lambda code: False):
        repeated = False
        while True:
            if self.mounted is None:
                self.mount()
            code, value = work(self.mounted)
            if code >= 0 or (repeated and done(-code)):
                return value
            if -code not in self.GONE:
                raise OSError(-code, os.strerror(-code))
            # The context is given up as it is: libnfs cannot close what is no longer connected.
            self.mounted, repeated = None, True
            time.sleep(0.05)

    def opened(self, path, flags, mode=0):
        handle = ctypes.c_void_p()
        code = self.c.nfs_open(self.mounted, path, flags, ctypes.byref(handle)) if not flags & os.O_CREAT else \
            self.c.nfs_create(self.mounted, path, flags & ~os.O_CREAT, mode, ctypes.byref(handle))
        return code, handle

    def put(self, path, data, flags):
        def work(nfs):
            code, handle = self.opened(path.encode(), flags, 0o644)
            if code == -errno.EEXIST:
                # The server made it before it was killed, and its answer was lost.
                code, handle = self.opened(path.encode(), flags & ~os.O_CREAT)
            if code < 0:
                return code, None
            for act in (
                lambda: self.c.nfs_write(nfs, handle, ctypes.c_uint64(len(data)), data),
                lambda: self.c.nfs_fsync(nfs, handle),
                lambda: self.c.nfs_close(nfs, handle),
            ):
                code = act()
                if code < 0:
                    return code, None
            return 0, None

        self.step(work)

    def create(self, path, data):
        # The name is nobody else's, so doing it twice is doing it once.
        self.put(path, data, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)

    def overwrite(self, path, data):
        self.put(path, data, os.O_WRONLY | os.O_TRUNC)

    def read(self, path):
        def work(nfs):
            code, handle = self.opened(path.encode(), os.O_RDONLY)
            if code < 0:
                return code, None
            buffer = ctypes.create_string_buffer(4096)
            count = self.c.nfs_read(nfs, handle, ctypes.c_uint64(4096), buffer)
            self.c.nfs_close(nfs, handle)
            return count, buffer.raw[: max(count, 0)]

        return self.step(work)

    def link(self, path, name):
        def same(code):
            return code == errno.EEXIST and self.read(path) == self.read(name)

        self.step(lambda nfs: (self.c.nfs_link(nfs, path.encode(), name.encode()), None), same)

    def rename(self, path, name):
        self.step(lambda nfs: (self.c.nfs_rename(nfs, path.encode(), name.encode()), None), lambda code: code == errno.ENOENT)

    def remove(self, path):
        self.step(lambda nfs: (self.c.nfs_unlink(nfs, path.encode()), None), lambda code: code == errno.ENOENT)

    def list(self, folder):
        def work(nfs):
            handle = ctypes.c_void_p()
            code = self.c.nfs_opendir(nfs, folder.encode(), ctypes.byref(handle))
            if code == -errno.ENOENT:
                self.c.nfs_mkdir(nfs, folder.encode())
                return 0, []
            if code < 0:
                return code, None
            names = []
            while entry := self.c.nfs_readdir(nfs, handle):
                names.append(entry.contents.name.decode())
            self.c.nfs_closedir(nfs, handle)
            return 0, names

        return self.step(work)


def shipped(path):
    loader = importlib.machinery.SourceFileLoader("retrofit_shared", path)
    module = types.ModuleType(loader.name)
    loader.exec_module(module)
    return module


def main(program, library, url, file, writes, how, signal):
    files, shared = Nfs(library, url), shipped(program)
    # Both begin at once, or the first may be done before the other has started.
    print("ready", flush=True)
    while not os.path.exists(signal):
        time.sleep(0.001)
    for _ in range(int(writes)):
        if how == "safe":
            with shared.Locked(files, file):
                shared.write(files, file, str(int(files.read(file)) + 1).encode())
        else:
            files.overwrite(file, str(int(files.read(file) or 0) + 1).encode())
    print(writes)


if __name__ == "__main__":
    main(*sys.argv[1:])
