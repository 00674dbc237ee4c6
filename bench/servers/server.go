// The server of bench/accept in Go: options by its own API on each connection, what that lacks by hand (each); or all by
// hand in the listener's control hook (listener). One goroutine for all, which is less than servers usually do.
// server PORT serve|hold each|listener
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

const (
	bufferBytes    = 128 << 10
	idle           = 30 * time.Second
	intervalS      = 10
	count          = 3
	userTimeoutMs  = 55000
	tcpUserTimeout = 18
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func timersSet(fd uintptr) {
	must(syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, intervalS))
	must(syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, count))
	must(syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, userTimeoutMs))
}

func listenerSet(_, _ string, raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) {
		must(syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1))
		must(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1))
		must(syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, int(idle.Seconds())))
		timersSet(fd)
		must(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, bufferBytes))
		must(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, bufferBytes))
	})
}

// The runtime has set nodelay, and keepalive from the listener's configuration.
func connectionSet(connection *net.TCPConn) {
	must(connection.SetReadBuffer(bufferBytes))
	must(connection.SetWriteBuffer(bufferBytes))
	raw, err := connection.SyscallConn()
	must(err)
	must(raw.Control(timersSet))
}

func main() {
	port, hold, each := os.Args[1], os.Args[2] == "hold", os.Args[3] == "each"
	config := net.ListenConfig{KeepAlive: idle}
	if !each {
		config = net.ListenConfig{KeepAlive: -1, Control: listenerSet}
	}
	listener, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:"+port)
	must(err)
	var held []net.Conn
	for {
		connection, err := listener.Accept()
		must(err)
		if each {
			connectionSet(connection.(*net.TCPConn))
		}
		connection.Write([]byte("x"))
		if hold {
			held = append(held, connection)
		} else {
			connection.Close()
		}
	}
}
