// Accepts a connection from itself and prints what options both ends have.
package main

import (
	"fmt"
	"net"
	"syscall"
)

func show(name string, connection net.Conn) {
	raw, _ := connection.(*net.TCPConn).SyscallConn()
	raw.Control(func(fd uintptr) {
		nodelay, _ := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_NODELAY)
		idle, _ := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE)
		fmt.Printf("%s nodelay %d keepalive %d\n", name, nodelay, idle)
	})
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	dialled, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		panic(err)
	}
	show("dialled", dialled)
	show("accepted", accepted)
}
